#!/usr/bin/env bash
# Runs once, when the database is empty: the owner of the tables, who is no superuser, and the role that queries run as.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --set=password="$(cat /run/secrets/database_password)" --username=postgres <<'SQL'
CREATE ROLE patchbay LOGIN PASSWORD :'password';
CREATE ROLE patchbay_app NOLOGIN NOINHERIT;
GRANT patchbay_app TO patchbay WITH ADMIN OPTION;
CREATE DATABASE patchbay OWNER patchbay;
SQL
