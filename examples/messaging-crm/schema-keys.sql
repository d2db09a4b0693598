-- Foreign keys, each with an index on the referencing side: without one, deleting a parent scans the child once per row.
create index operator_account on operator (account_id);
create index contact_account on contact (account_id);
create index conversation_account on conversation (account_id);
create index conversation_contact on conversation (contact_id);
create index message_conversation on message (conversation_id);
create index message_account on message (account_id);
create index attachment_message on attachment (message_id);
create index oauth_token_account on oauth_token (account_id);
create index oauth_token_expires on oauth_token (expires_at);
create index lead_last_contact on lead (last_contact_at);
create index invoice_account on invoice (account_id);
create index invoice_issued on invoice (issued_at);
create index accounting_record_account on accounting_record (account_id);
create index audit_log_account on audit_log (account_id);
create index webhook_delivery_received on webhook_delivery (received_at);
create index webhook_delivery_account on webhook_delivery (account_id);

alter table operator add foreign key (account_id) references account (id) on delete restrict;
alter table contact add foreign key (account_id) references account (id) on delete restrict;
alter table conversation add foreign key (account_id) references account (id) on delete restrict;
alter table conversation add foreign key (contact_id) references contact (id) on delete restrict;
alter table message add foreign key (conversation_id) references conversation (id) on delete cascade;
alter table message add foreign key (account_id) references account (id) on delete restrict;
alter table attachment add foreign key (message_id) references message (id) on delete cascade;
alter table oauth_token add foreign key (account_id) references account (id) on delete cascade;
alter table webhook_delivery add foreign key (account_id) references account (id) on delete cascade;
