create index package_versions_open_idx on package_versions (at) where state = 'intended';
