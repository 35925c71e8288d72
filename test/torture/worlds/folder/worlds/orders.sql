create table orders (note text not null);
-- Nothing forbids a second row: what is done twice is to be seen.
create table tally (n integer not null);
