/* The files of a published set: constants, so that no name of somebody else is in them. */
#ifndef DATASET_PUBLISH_PUBLISH_FILES_H
#define DATASET_PUBLISH_PUBLISH_FILES_H

#define PUBLISH_DATA      "data/packets.pcapng.gz"
#define PUBLISH_CATALOGUE "data/packets.pcapng.gz.sqlite"
#define PUBLISH_SAMPLES   "samples.csv"
#define PUBLISH_PARQUET   "samples.parquet"
#define PUBLISH_SPLITS    "splits" /* a directory of lists */
#define PUBLISH_PARTITION "splits/partition.json"

#define PUBLISH_CHALLENGE         "challenge/packets.pcapng.gz"
#define PUBLISH_CHALLENGE_SAMPLES "challenge/samples.csv"

#define PUBLISH_FLOWS  "flows.parquet"
#define PUBLISH_REPORT "report.html"
#define PUBLISH_RULES  "rules.csv"

#define PUBLISH_METADATA   "metadata.json"
#define PUBLISH_PROVENANCE "provenance.json"
#define PUBLISH_CROISSANT  "croissant.json"
#define PUBLISH_DATACITE   "datacite.json"
#define PUBLISH_CARD       "README.md"
#define PUBLISH_SUMS       "SHA256SUMS"

#endif
