/*
 * Any bytes as a data set: its arrays in files are those that the library fills in memory,
 * and the other outputs are written or refused.
 *
 * Input: two bytes (which arrays, which output), then the capture.
 */
#include "arrays/array_pass.h"
#include "print_result.h"
#include "scratch_folder.h"
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NPY_HEADER_LEN = 192 };

static struct lcap_array_options options_of(uint8_t byte)
{
    static const char *const forms[] = {"bytes", "yatc", "netmamba", "nprint"};
    static const char *const rows[] = {"flow", "sample", "packet", "flow"};
    static const char *const parts[] = {"l2", "l3", "l4", "payload"};
    static const char *const masks[] = {
        NULL, "mac,ip,ports,seq,ack,checksums,ttl,ip_id,window,tcp_timestamps,sni",
        "ip,ports,seq,ack,tcp_timestamps,sni,random", "none"};
    const bool is_bytes = (byte & 3) == 0;
    return (struct lcap_array_options){
        .size = sizeof(struct lcap_array_options),
        .form = forms[byte & 3],
        .per = rows[byte >> 2 & 3],
        .part = is_bytes ? parts[byte >> 4 & 3] : NULL,
        .packets = is_bytes || (byte & 3) == 3 ? (byte >> 2 & 3) == 2 ? 1 : 3 : 0,
        .bytes = is_bytes          ? 70
                 : (byte & 3) == 3 ? 9
                                   : 0,
        .headers = (byte & 3) == 3 ? "eth,ipv4,ipv6,tcp,udp,icmp" : NULL,
        .mask = masks[byte >> 4 & 3],
        .series = "length,direction,inter_arrival",
        .inner_tunnels = byte & 64 && !(is_bytes && (byte >> 4 & 3) == 0),
        .compat = byte & 128 && !is_bytes,
        .threads = 1,
    };
}

/* Of a form of text; and where it goes. */
static struct lcap_array_options text_options_of(uint8_t byte)
{
    static const char *const forms[] = {"etbert", "pcapencoder", "trafficformer", "netfound"};
    return (struct lcap_array_options){
        .size = sizeof(struct lcap_array_options),
        .form = forms[byte & 3],
        .inner_tunnels = byte & 4,
        .compat = byte & 8 && ((byte & 3) == 0 || (byte & 3) == 3),
        .threads = 1,
    };
}

static const struct array_output_class *table_of(uint8_t byte)
{
    static const struct array_output_class *const tables[] = {&output_arrow, &output_parquet,
                                                              &output_tsv, &output_csv};
    return tables[byte >> 4 & 3];
}

/* Whether there are rows, and so the output is there. */
static bool writes(const struct lcap_array_options *arrays, const struct array_output_class *format,
                   const char *to)
{
    const struct array_pass_options options = {
        .arrays = *arrays,
        .format = format,
        .placing = {.overwrite = true, .no_sync = true},
        .input = {.threads = 1},
    };
    struct array_pass pass;
    const bool written = array_pass_run(&pass, "in", to, &options, NULL) == 0;
    if (written) {
        struct result result;
        result_begin(&result, NULL);
        array_describe(&pass, to, &result);
        print_result(&result);
    }
    array_pass_release(&pass);
    return written;
}

static bool is_array(const char *name, const void *bytes, size_t len)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "out/%s.npy", name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    require(fd >= 0 && fstat(fd, &st) == 0 && (size_t)st.st_size == len + NPY_HEADER_LEN);
    const uint8_t *mapped = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    require(mapped != MAP_FAILED);
    const bool same = memcmp(mapped + NPY_HEADER_LEN, bytes, len) == 0;
    munmap((void *)mapped, (size_t)st.st_size);
    close(fd);
    return same;
}

static void compare_with_memory(struct lcap_arrays *arrays)
{
    void *memory[ARRAY_MOST_ITEMS] = {NULL};
    for (size_t i = 0; i < lcap_arrays_count(arrays); i++)
        memory[i] = calloc(1, lcap_arrays_get(arrays, i)->bytes);
    require(lcap_arrays_fill(arrays, memory, NULL) == 0);
    for (size_t i = 0; i < lcap_arrays_count(arrays); i++) {
        const struct lcap_array *array = lcap_arrays_get(arrays, i);
        require(is_array(array->name, memory[i], array->bytes));
        free(memory[i]);
    }
}

static void compare(const struct lcap_array_options *options, bool written)
{
    struct lcap_arrays *arrays = NULL;
    const int rc = lcap_arrays_open(&arrays, "in", options, NULL);
    require(rc != 0 || written);
    if (rc == 0)
        compare_with_memory(arrays);
    require(rc == 0 || rc == LCAP_ERR_DAMAGED || !written);
    lcap_arrays_free(arrays);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t formats = 0;
    if (size < 2)
        return 0;
    while (array_formats[formats])
        formats++;
    const struct lcap_array_options options = options_of(data[0]);
    enter_scratch_folder();
    write_file("in", data + 2, size - 2);
    compare(&options, writes(&options, &output_npy, "out"));
    (void)writes(&options, array_formats[data[1] % formats], "other");
    const struct lcap_array_options text = text_options_of(data[1]);
    (void)writes(&text, table_of(data[1]), "text");
    empty_scratch_folder();
    leave_scratch_folder();
    return 0;
}
