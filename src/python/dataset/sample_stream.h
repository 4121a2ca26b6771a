/* The samples of a capture in which the packets of each stand together, read one after another. */
#ifndef PYTHON_DATASET_SAMPLE_STREAM_H
#define PYTHON_DATASET_SAMPLE_STREAM_H

#include "python/dataset/sample_data.h"
#include <labelcap/capture.h>
#include <labelcap/label.h>

/* All zero before it is opened. */
struct sample_stream {
    struct lcap_reader *reader;
    const struct lcap_packet *pending; /* the first packet of the next sample, or NULL */
    struct lcap_label label;           /* of `pending` */
    bool any_order;                    /* of samples */
    bool begun;
    uint64_t last_id;
};

/* A sample, whose metadata points into `data`. */
struct stream_sample {
    uint64_t id;
    const char *metadata;
    size_t metadata_len;
    struct sample_data data;
};

/* The watcher is asked while a pipe keeps the stream waiting. */
int sample_stream_open(struct sample_stream *stream, const char *path, enum lcap_pcapml_times times,
                       const struct lcap_watcher *watcher, struct lcap_error *error);

/* Samples come in any order from the reader, which the stream takes over. */
void sample_stream_take(struct sample_stream *stream, struct lcap_reader *reader);

/*
 * Returns 1 and the next sample, 0 at the end, or a code. The caller gives `sample` empty data,
 * and has to release it. Packets without a label are passed over. LCAP_ERR_LABEL: the capture
 * is not sorted. After damage the sample that was being read comes first, then the error.
 */
int sample_stream_next(struct sample_stream *stream, struct stream_sample *sample,
                       struct lcap_error *error);
void sample_stream_release(struct sample_stream *stream);

#endif
