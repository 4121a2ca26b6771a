/* Finds the place of the report, and writes it. */
#include "tabulate/flows/flows_report.h"

#include "base/io/terminal.h"
#include "report/report_file.h"
#include "table/table.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The name of the file without directories and suffix. */
static void stem_of(const char *source, const char **stem, size_t *len)
{
    const char *slash = source ? strrchr(source, '/') : NULL;
    *stem = slash ? slash + 1 : source;
    if (!source || strcmp(source, "-") == 0)
        *stem = "flows";
    const char *dot = strrchr(*stem, '.');
    *len = dot && dot != *stem ? (size_t)(dot - *stem) : strlen(*stem);
}

static bool is_directory(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

int flows_report_place(const char *path, const char *source, struct buffer *place,
                       struct lcap_error *error)
{
    const size_t path_len = strlen(path);
    if (path_len > 0 && path[path_len - 1] == '/')
        mkdir(path, 0777); /* if that fails, opening the file says why */
    if (!is_directory(path))
        return buffer_append(place, path, path_len + 1, error);
    const char *stem;
    size_t len;
    stem_of(source, &stem, &len);
    int rc = buffer_printf(place, error, "%s/%.*s_flow_report.txt", path, (int)len, stem);
    return rc == LCAP_OK ? buffer_append(place, "", 1, error) : rc;
}

/* Lines in a file are as long as they need to be, for what is cut would be lost. */
static int write_described(struct output *out, const char *place, struct flow_summary *summary,
                           const struct flow_summary_facts *facts, struct lcap_error *error)
{
    struct result result;
    result_begin(&result, error);
    flow_summary_describe(summary, facts, &result);
    const size_t width = strcmp(place, "-") == 0 ? terminal_columns(STDOUT_FILENO) : 0;
    const int rc = table_format_of_name(place) == &table_json
                       ? report_file_json(&result, out, error)
                       : report_file_text(&result, width, out, error);
    result_release(&result);
    return rc;
}

static int write_original(struct output *out, struct flow_summary *summary,
                          const struct flow_summary_facts *facts, struct lcap_error *error)
{
    struct buffer text = {0};
    int rc = flow_summary_original_text(summary, facts, &text, error);
    if (rc == LCAP_OK) {
        output_write(out, text.data, text.len);
        rc = output_close(out, error);
    } else {
        output_discard(out);
    }
    buffer_release(&text);
    return rc;
}

int flows_report_write(struct output *out, const char *place, bool compat,
                       struct flow_summary *summary, const struct flow_summary_facts *facts,
                       struct lcap_error *error)
{
    return compat ? write_original(out, summary, facts, error)
                  : write_described(out, place, summary, facts, error);
}
