/* The first SIGINT. */
#include "cmd/pipe_interrupt.h"

#include "base/io/tempfile.h"
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static void wait_for_the_end(int signal_number)
{
    static const char text[] = "\nlabelcap: interrupted: continues to the end of the input; press "
                               "Ctrl-C again to stop at once\n";
    (void)signal_number;
    tempfile_clean_on_signals();
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        return; /* nobody can be notified */
}

void pipe_interrupt_waits(void)
{
    struct stat st;
    struct sigaction before, wait = {.sa_handler = wait_for_the_end, .sa_flags = SA_RESTART};
    sigemptyset(&wait.sa_mask);
    if (fstat(STDIN_FILENO, &st) < 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
        return;
    if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGINT, &wait, NULL);
}
