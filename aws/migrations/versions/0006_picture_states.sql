-- A picture that was taken off can be put back for a while, and a refused one says why.

alter table package_pictures
  add column problem text not null default '',
  add column changed_at timestamptz not null default now(),
  drop constraint package_pictures_state,
  add constraint package_pictures_state
    check (state in ('uploading', 'ready', 'refused', 'removed'));
create index package_pictures_unused_idx on package_pictures (changed_at)
  where state <> 'ready';
