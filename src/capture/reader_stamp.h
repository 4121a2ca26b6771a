/* The state of the file that a reader reads, for passes that read it again. */
#ifndef CAPTURE_READER_STAMP_H
#define CAPTURE_READER_STAMP_H

#include "base/io/file.h"
#include <labelcap/capture.h>

struct file_stamp reader_stamp(const struct lcap_reader *reader);

#endif
