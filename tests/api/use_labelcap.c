/*
 * Labels a capture with nothing but the installed library, and prints how many
 * packets each rule has labelled: use_labelcap RULES INPUT OUTPUT
 */
#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/label.h>

#include <inttypes.h>
#include <stdio.h>

struct labelling {
    struct lcap_rules *rules;
    struct lcap_labeller *labeller;
    struct lcap_reader *in;
    struct lcap_writer *out;
};

static int open_all(struct labelling *l, char **paths, struct lcap_error *error)
{
    const struct lcap_file file = {paths[1], paths[1]};
    const struct lcap_writer_options options = {
        .size = sizeof options, .format = LCAP_FORMAT_PCAPNG, .overwrite = true};
    int rc = lcap_rules_load(&l->rules, paths[0], &file, 1, error);
    if (rc == 0)
        rc = lcap_labeller_new(&l->labeller, l->rules, error);
    if (rc == 0)
        rc = lcap_reader_open(&l->in, paths[1], NULL, error);
    if (rc == 0)
        rc = lcap_writer_open(&l->out, paths[2], &options, error);
    if (rc == 0)
        lcap_writer_source(l->out, l->in);
    return rc;
}

static int label_packet(struct labelling *l, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    const struct lcap_sample *sample;
    int rc = lcap_labeller_label(l->labeller, 0, packet, &sample, error);
    if (rc != 1)
        return rc;
    const struct lcap_edit edit = {
        .size = sizeof edit, .comment = sample->comment, .comment_len = sample->comment_len};
    return lcap_writer_packet(l->out, packet, &edit, error);
}

static int label_all(struct labelling *l, struct lcap_error *error)
{
    const struct lcap_block *block;
    int rc;
    while ((rc = lcap_reader_next(l->in, &block, error)) == 1) {
        if (block->kind == LCAP_BLOCK_PACKET)
            rc = label_packet(l, &block->packet, error);
        else
            rc = lcap_writer_block(l->out, block, error);
        if (rc < 0)
            break;
    }
    if (rc == 0) {
        rc = lcap_writer_close(l->out, error);
        l->out = NULL;
    }
    return rc;
}

static void print_rules(const struct labelling *l)
{
    for (size_t i = 0; i < lcap_rules_count(l->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(l->rules, i);
        uint64_t id = 0;
        lcap_rule_sample_id(rule, &id);
        printf("%" PRIu64 " %s %" PRIu64 "\n", id, lcap_rule_metadata(rule),
               lcap_labeller_packets(l->labeller, i));
    }
}

int main(int argc, char **argv)
{
    struct labelling l = {0};
    struct lcap_error error = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: use_labelcap RULES INPUT OUTPUT\n");
        return 2;
    }
    int rc = open_all(&l, argv + 1, &error);
    if (rc == 0)
        rc = label_all(&l, &error);
    if (rc == 0)
        print_rules(&l);
    else
        fprintf(stderr, "%s\n", error.text);
    lcap_writer_discard(l.out);
    lcap_reader_free(l.in);
    lcap_labeller_free(l.labeller);
    lcap_rules_free(l.rules);
    return rc == 0 ? 0 : 1;
}
