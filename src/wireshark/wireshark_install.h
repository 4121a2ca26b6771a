/* Installs the fields and the profile for Wireshark and tshark of one user, or removes them. */
#ifndef WIRESHARK_WIRESHARK_INSTALL_H
#define WIRESHARK_WIRESHARK_INSTALL_H

#include <labelcap/error.h>
#include <stdbool.h>

/* What became of a file. */
enum wireshark_event {
    WIRESHARK_PRESENT, /* it was there already, as it should be */
    WIRESHARK_INSTALLED,
    WIRESHARK_REMOVED,
    WIRESHARK_KEPT, /* it has been changed, so it was not removed */
};

struct wireshark_options {
    const char *keys; /* names of fields in metadata, separated by commas; or NULL */
    bool force;       /* replace or remove files that have been changed, too */
    void (*tell)(void *context, const char *path, enum wireshark_event event); /* or NULL */
    void *context;
};

/* LCAP_ERR_ARGUMENT: a line end would write other preferences of Wireshark. */
int wireshark_check_keys(const char *keys, struct lcap_error *error);

/* A file that has been changed is an error, before anything is written, unless `force`. */
int wireshark_install(const struct wireshark_options *options, struct lcap_error *error);
int wireshark_uninstall(const struct wireshark_options *options, struct lcap_error *error);

#endif
