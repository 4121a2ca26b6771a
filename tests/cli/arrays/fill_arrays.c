/* Fills arrays by the library: fill_arrays DATASET FORM FOLDER writes FOLDER/NAME.bin. */
#include <labelcap/arrays.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(const struct lcap_error *error)
{
    fprintf(stderr, "%s\n", error->text);
    return 1;
}

static void save(const char *folder, const struct lcap_array *array, const void *bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.bin", folder, array->name);
    FILE *file = fopen(path, "wb");
    fwrite(bytes, 1, array->bytes, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct lcap_array_options options = {.size = sizeof options, .threads = 2};
    struct lcap_arrays *arrays = NULL;
    struct lcap_error error = {0};
    void *memory[16] = {NULL};
    if (argc != 4)
        return 2;
    options.form = argv[2];
    options.series = "length,direction";
    if (lcap_arrays_open(&arrays, argv[1], &options, &error) < 0)
        return fail(&error);
    for (size_t i = 0; i < lcap_arrays_count(arrays); i++)
        memory[i] = malloc(lcap_arrays_get(arrays, i)->bytes);
    if (lcap_arrays_fill(arrays, memory, &error) < 0)
        return fail(&error);
    for (size_t i = 0; i < lcap_arrays_count(arrays); i++) {
        save(argv[3], lcap_arrays_get(arrays, i), memory[i]);
        free(memory[i]);
    }
    for (size_t y = 0; y < lcap_arrays_labels(arrays); y++)
        puts(lcap_arrays_label(arrays, y, NULL));
    lcap_arrays_free(arrays);
    return 0;
}
