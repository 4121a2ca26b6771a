/*
 * Labels a capture with nothing but the installed library, and prints how many
 * packets each sample got: use_labelcap RULES INPUT OUTPUT
 */
#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/label.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct labelling {
    struct lcap_rules *rules;
    struct lcap_matcher *matcher;
    struct lcap_reader *in;
    struct lcap_writer *out;
    uint64_t *packets; /* of each rule */
};

static int open_all(struct labelling *l, char **paths, struct lcap_error *error)
{
    const struct lcap_file file = {paths[1], paths[1]};
    const struct lcap_writer_options options = {.format = LCAP_FORMAT_PCAPNG, .overwrite = true};
    int rc = lcap_rules_load(&l->rules, paths[0], &file, 1, error);
    if (rc == 0)
        rc = lcap_matcher_new(&l->matcher, l->rules, error);
    if (rc == 0)
        rc = lcap_reader_open(&l->in, paths[1], NULL, error);
    if (rc == 0)
        rc = lcap_writer_open(&l->out, paths[2], &options, error);
    if (rc < 0)
        return rc;
    lcap_writer_source(l->out, l->in);
    l->packets = calloc(lcap_rules_count(l->rules) + 1, sizeof *l->packets);
    return l->packets ? 0 : lcap_error_set(error, LCAP_ERR_MEMORY, "out of memory");
}

static int label_packet(struct labelling *l, const struct lcap_packet *packet,
                        struct lcap_error *error)
{
    uint32_t index;
    int rc = lcap_matcher_match(l->matcher, 0, packet, &index, error);
    if (rc != 1)
        return rc;
    const struct lcap_rule *rule = lcap_rules_get(l->rules, index);
    const struct lcap_edit edit = {.comment = rule->comment, .comment_len = rule->comment_len};
    l->packets[index]++;
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
    if (rc == 0)
        rc = lcap_matcher_finish(l->matcher, error);
    if (rc == 0) {
        rc = lcap_writer_close(l->out, error);
        l->out = NULL;
    }
    return rc;
}

static void print_samples(const struct labelling *l)
{
    for (size_t i = 0; i < lcap_rules_count(l->rules); i++) {
        const struct lcap_rule *rule = lcap_rules_get(l->rules, i);
        printf("%" PRIu64 " %s %" PRIu64 "\n", rule->sample_id, rule->metadata, l->packets[i]);
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
        print_samples(&l);
    else
        fprintf(stderr, "%s\n", error.text);
    lcap_writer_discard(l.out);
    lcap_reader_free(l.in);
    lcap_matcher_free(l.matcher);
    lcap_rules_free(l.rules);
    free(l.packets);
    return rc == 0 ? 0 : 1;
}
