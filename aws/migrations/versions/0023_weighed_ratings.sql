-- What the worker finds stale it reads and writes anew, a batch at a time: ratings in the index are
-- weighed by the number of reviews now, and tags are found by what other languages call them.
update package_index set stale_after = date '2000-01-01';
