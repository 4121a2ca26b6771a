/* Copies captures into one by the library alone: copy_capture pcap|pcapng|merge OUTPUT INPUT... */
#include <labelcap/capture.h>
#include <stdio.h>
#include <string.h>

static int copy(struct lcap_writer *out, const char *path, struct lcap_error *error)
{
    struct lcap_reader *in = NULL;
    const struct lcap_block *block;
    int rc = lcap_reader_open(&in, path, NULL, error);
    if (rc < 0)
        return rc;
    lcap_writer_source(out, in);
    while ((rc = lcap_reader_next(in, &block, error)) == 1)
        if ((rc = lcap_writer_block(out, block, error)) < 0)
            break;
    lcap_reader_free(in);
    return rc;
}

int main(int argc, char **argv)
{
    struct lcap_writer *out = NULL;
    struct lcap_error error = {0};
    struct lcap_writer_options options = {.size = sizeof options, .overwrite = true};
    int rc = argc < 4 ? LCAP_ERR_ARGUMENT : LCAP_OK;
    if (rc == LCAP_OK) {
        options.format = strcmp(argv[1], "pcap") == 0 ? LCAP_FORMAT_PCAP : LCAP_FORMAT_PCAPNG;
        options.unlimited_snaplen = strcmp(argv[1], "merge") == 0;
        rc = lcap_writer_open(&out, argv[2], &options, &error);
    }
    for (int i = 3; rc == LCAP_OK && i < argc; i++)
        rc = copy(out, argv[i], &error);
    if (rc == LCAP_OK)
        rc = lcap_writer_close(out, &error);
    else
        lcap_writer_discard(out);
    if (rc < 0)
        fprintf(stderr, "%s\n", error.text);
    return rc < 0;
}
