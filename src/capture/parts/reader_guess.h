/*
 * Where a capture can be entered without reading what comes before: at a place where
 * several packet records, or blocks of pcapng, follow one another as they do in a
 * capture. That is a guess. A packet may hold such bytes, too; only a reader that
 * comes from before can prove it, by ending a block exactly there.
 */
#ifndef CAPTURE_PARTS_READER_GUESS_H
#define CAPTURE_PARTS_READER_GUESS_H

#include "base/buffer.h"
#include <labelcap/capture.h>

/* Whether the file can be entered in its middle: a regular file that is plain or BGZF. */
bool reader_has_places(const struct lcap_reader *reader);

/* Whether every byte of the file can be jumped to: a regular file that is not compressed. */
bool reader_is_plain(const struct lcap_reader *reader);

/* Opens the capture of a reader for another thread, if reader_is_plain(); free it first. */
int reader_open_beside(struct lcap_reader **reader, const struct lcap_reader *whole,
                       struct lcap_error *error);

/*
 * Places are numbers that grow, and need nothing of the file to be read: offsets in a
 * plain file, virtual offsets in BGZF. This is that of a byte of the file; no byte, for
 * UINT64_MAX.
 */
uint64_t reader_place_of_byte(const struct lcap_reader *reader, uint64_t byte);

/* Whether the next block begins before a place. */
bool reader_is_before(const struct lcap_reader *reader, uint64_t place);

/* From now on, reads at most so many bytes at once: for a reader that jumps about. */
void reader_limit_reads(struct lcap_reader *reader, size_t len);

/*
 * Where the next block begins, like lcap_reader_tell(), but with places for offsets: of the
 * block, twice, and of its section. lcap_reader_seek() takes that, too.
 */
int reader_tell_place(const struct lcap_reader *reader, struct lcap_position *place,
                      struct lcap_error *error);

/*
 * Guesses the first place between two blocks at or behind `place`, before which the reader
 * is: the end of the file if no place looks like one. Its section and interfaces are those
 * that the reader is at. The reader has to seek before it goes on.
 */
int reader_guess_place(struct lcap_reader *reader, uint64_t place, struct lcap_position *found,
                       struct lcap_error *error);

/*
 * The same in a plain file for who can do without, and gives up after a MiB: a file that was
 * damaged may end in gigabytes of zeros.
 */
int reader_guess_near(struct lcap_reader *reader, uint64_t place, struct lcap_position *found,
                      struct lcap_error *error);

/*
 * What the timestamps of the interfaces of this section are taken for so far: a letter
 * for each, 'u' undecided, 'p' plain, 'm' those of pcapml. A reader that begins in the
 * middle takes them for what they were taken for before. `text` ends with a NUL.
 */
int reader_append_times(const struct lcap_reader *reader, struct buffer *text,
                        struct lcap_error *error);
void reader_take_times(struct lcap_reader *reader, const char *text);

/* The offset of lcap_reader_tell(), at the price of a comparison. */
uint64_t reader_offset(const struct lcap_reader *reader);

/* The n-th interface of the section that the reader is in, and how many it has so far. */
size_t reader_section_interfaces(const struct lcap_reader *reader);
const struct lcap_interface *reader_section_interface(const struct lcap_reader *reader, size_t n);

#endif
