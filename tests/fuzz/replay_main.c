/* Runs a fuzz target over the files it is given, without libFuzzer. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size;
    if (!file || fseek(file, 0, SEEK_END) < 0 || (size = ftell(file)) < 0)
        goto done;
    rewind(file);
    /* Exactly as long as the file, so that sanitizers see a read past its end. */
    data = malloc(size ? (size_t)size : 1);
    *len = (size_t)size;
    if (data && fread(data, 1, *len, file) != *len) {
        free(data);
        data = NULL;
    }
done:
    if (file)
        fclose(file);
    return data;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        /* Said beforehand: after a crash the last line names the culprit. */
        fprintf(stderr, "%s\n", argv[i]);
        size_t len = 0;
        uint8_t *data = read_file(argv[i], &len);
        if (!data) {
            perror("cannot read");
            return 1;
        }
        LLVMFuzzerTestOneInput(data, len);
        free(data);
    }
    return 0;
}
