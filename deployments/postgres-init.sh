#!/bin/sh
# Runs once in an empty PostgreSQL: one role, one database for the bureau's data, one for Prefect's own.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$JIXIAO_PASSWORD" -U postgres <<'SQL'
CREATE ROLE jixiao LOGIN PASSWORD :'password';
CREATE DATABASE jixiao OWNER jixiao;
CREATE DATABASE prefect OWNER jixiao;
SQL
