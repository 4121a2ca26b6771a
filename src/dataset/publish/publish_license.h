/* The names of licences. */
#ifndef DATASET_PUBLISH_PUBLISH_LICENSE_H
#define DATASET_PUBLISH_PUBLISH_LICENSE_H

/*
 * For a name that is no SPDX identifier of a licence that data sets have: the identifier that
 * was probably meant, or "" if none is near. NULL: it is one, or one of somebody's own.
 */
const char *publish_license_meant(const char *license);

#endif
