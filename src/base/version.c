/* The version that was built. */
#include <labelcap/version.h>

const char *lcap_version(void)
{
    return LCAP_VERSION;
}
