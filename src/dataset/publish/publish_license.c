/* Knows the SPDX identifiers of licences that data sets have. */
#include "dataset/publish/publish_license.h"

#include "base/text/spelling.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Of a family, the version that people mean without naming one comes first. */
static const char *const identifiers[] = {
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-ND-4.0",
    "CC0-1.0",
    "CC-PDDC",
    "CC-PDM-1.0",
    "CC-BY-3.0",
    "CC-BY-SA-3.0",
    "CC-BY-NC-3.0",
    "CC-BY-NC-SA-3.0",
    "CC-BY-NC-ND-3.0",
    "CC-BY-ND-3.0",
    "CC-BY-2.5",
    "CC-BY-SA-2.5",
    "CC-BY-NC-2.5",
    "CC-BY-2.0",
    "CC-BY-SA-2.0",
    "CC-BY-NC-2.0",
    "CC-BY-1.0",
    "CC-BY-SA-1.0",
    "CC-BY-NC-1.0",
    "CDLA-Permissive-2.0",
    "CDLA-Permissive-1.0",
    "CDLA-Sharing-1.0",
    "ODbL-1.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "C-UDA-1.0",
    "O-UDA-1.0",
    "OGL-UK-3.0",
    "OGL-Canada-2.0",
    "etalab-2.0",
    "DL-DE-BY-2.0",
    "DL-DE-ZERO-2.0",
    "NLOD-2.0",
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "0BSD",
    "ISC",
    "Unlicense",
    "WTFPL",
    "Zlib",
    "BSL-1.0",
    "GPL-3.0-or-later",
    "GPL-3.0-only",
    "GPL-2.0-or-later",
    "GPL-2.0-only",
    "LGPL-3.0-or-later",
    "LGPL-3.0-only",
    "LGPL-2.1-or-later",
    "LGPL-2.1-only",
    "AGPL-3.0-or-later",
    "AGPL-3.0-only",
    "MPL-2.0",
    "EUPL-1.2",
    "EPL-2.0",
    "GFDL-1.3-or-later",
    "GFDL-1.3-only",
    "Artistic-2.0",
};
enum { IDENTIFIERS = sizeof identifiers / sizeof *identifiers };

/* Whether an identifier begins with these letters and digits, whatever is between them. */
static bool begins_with(const char *identifier, const char *name)
{
    for (; *name; name++) {
        if (!isalnum((unsigned char)*name))
            continue;
        while (*identifier && !isalnum((unsigned char)*identifier))
            identifier++;
        if (tolower((unsigned char)*identifier) != tolower((unsigned char)*name))
            return false;
        identifier++;
    }
    return true;
}

static bool is_url_or_own(const char *license)
{
    return strstr(license, "://") || strncasecmp(license, "LicenseRef-", 11) == 0;
}

const char *publish_license_meant(const char *license)
{
    struct spelling spelling = {.word = license, .len = strlen(license)};
    if (is_url_or_own(license))
        return NULL;
    for (int i = 0; i < IDENTIFIERS; i++)
        if (strcmp(identifiers[i], license) == 0)
            return NULL;
    for (int i = 0; i < IDENTIFIERS; i++)
        if (begins_with(identifiers[i], license))
            return identifiers[i];
    for (int i = 0; i < IDENTIFIERS; i++)
        spelling_try(&spelling, identifiers[i]);
    return spelling.meant ? spelling.meant : "";
}
