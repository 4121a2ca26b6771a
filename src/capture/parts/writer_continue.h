/* For the writer of an output that several parts make up. */
#ifndef CAPTURE_PARTS_WRITER_CONTINUE_H
#define CAPTURE_PARTS_WRITER_CONTINUE_H

#include <labelcap/capture.h>

/* Like lcap_writer_source(), but the blocks go on in the section of the last reader. */
void writer_continue(struct lcap_writer *writer);

#endif
