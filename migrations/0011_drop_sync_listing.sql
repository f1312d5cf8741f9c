drop table sync_listing;
