/*
 * The same as use_labelcap.c from C++17, and then the output read back:
 * use_labelcap RULES INPUT OUTPUT
 */
#include <labelcap/capture.h>
#include <labelcap/error.h>
#include <labelcap/label.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace
{

template <auto free_function> struct freed_by {
    template <class handle> void operator()(handle *h) const
    {
        free_function(h);
    }
};
template <class handle, auto free_function>
using owner = std::unique_ptr<handle, freed_by<free_function>>;

using rules = owner<lcap_rules, lcap_rules_free>;
using labeller = owner<lcap_labeller, lcap_labeller_free>;
using reader = owner<lcap_reader, lcap_reader_free>;
using writer = owner<lcap_writer, lcap_writer_discard>;
using samples = std::map<std::pair<std::uint64_t, std::string>, std::uint64_t>;

/* Calls a function of the library with an error struct; a negative code becomes an exception. */
template <class function, class... arguments> int checked(function f, arguments... given)
{
    lcap_error error{};
    int rc = f(given..., &error);
    if (rc < 0)
        throw std::runtime_error(error.text);
    return rc;
}

reader open_reader(const char *path)
{
    lcap_reader *in = nullptr;
    checked(lcap_reader_open, &in, path, static_cast<const lcap_reader_options *>(nullptr));
    return reader(in);
}

void label(const char *rules_path, const char *input, const char *output)
{
    const lcap_file file{input, input};
    lcap_rules *loaded = nullptr;
    checked(lcap_rules_load, &loaded, rules_path, &file, std::size_t{1});
    rules all(loaded);
    lcap_labeller *made = nullptr;
    checked(lcap_labeller_new, &made, static_cast<const lcap_rules *>(all.get()));
    labeller labels(made);
    reader in = open_reader(input);
    lcap_writer_options options{};
    options.size = sizeof options;
    options.overwrite = true;
    lcap_writer *opened = nullptr;
    checked(lcap_writer_open, &opened, output, static_cast<const lcap_writer_options *>(&options));
    writer out(opened);
    lcap_writer_source(out.get(), in.get());

    const lcap_block *block;
    while (checked(lcap_reader_next, in.get(), &block) == 1) {
        const lcap_sample *sample;
        if (block->kind != LCAP_BLOCK_PACKET) {
            checked(lcap_writer_block, out.get(), block);
        } else if (checked(lcap_labeller_label, labels.get(), std::uint32_t{0}, &block->packet,
                           &sample) == 1) {
            lcap_edit edit{};
            edit.size = sizeof edit;
            edit.comment = sample->comment;
            edit.comment_len = sample->comment_len;
            checked(lcap_writer_packet, out.get(), &block->packet, &edit);
        }
    }
    checked(lcap_writer_close, out.release());
}

samples count(const char *path)
{
    samples counted;
    reader in = open_reader(path);
    const lcap_block *block;
    while (checked(lcap_reader_next, in.get(), &block) == 1) {
        lcap_label found;
        if (block->kind == LCAP_BLOCK_PACKET && lcap_packet_label(&block->packet, &found))
            counted[{found.sample_id, {found.metadata, found.metadata_len}}]++;
    }
    return counted;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 4) {
        std::cerr << "usage: use_labelcap RULES INPUT OUTPUT\n";
        return 2;
    }
    try {
        label(argv[1], argv[2], argv[3]);
        for (const auto &[sample, packets] : count(argv[3]))
            std::cout << sample.first << ' ' << sample.second << ' ' << packets << '\n';
    } catch (const std::exception &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
