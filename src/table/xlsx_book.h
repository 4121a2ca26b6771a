/* XLSX files by libxlsxwriter: the functions of table_xlsx. */
#ifndef TABLE_XLSX_BOOK_H
#define TABLE_XLSX_BOOK_H

#include "table/table.h"

int xlsx_book_open(struct table **table, const char *path, const struct table_schema *schema,
                   const struct table_options *options, struct lcap_error *error);
int xlsx_book_append(struct table *table, const uint8_t *encoded, size_t len,
                     struct lcap_error *error);
int xlsx_book_close(struct table *table, struct lcap_error *error);
void xlsx_book_discard(struct table *table);

#endif
