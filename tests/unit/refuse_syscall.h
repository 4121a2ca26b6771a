/*
 * Makes a system call fail from now on in this process, as an old kernel or a
 * plain file system would: by a seccomp filter, so that no code under test has
 * to know of tests.
 */
#ifndef TEST_REFUSE_SYSCALL_H
#define TEST_REFUSE_SYSCALL_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

/*
 * Refuses call `number` with `errnum` where its argument `argument` (from 0;
 * low 32 bits) has any of `bits`; bits 0: always. False where the kernel
 * does not let us.
 */
static inline bool refuse_syscall(uint32_t number, size_t argument, uint32_t bits, uint16_t errnum)
{
    bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    uint32_t at = (uint32_t)(offsetof(struct seccomp_data, args) + 8 * argument + (big ? 4 : 0));
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, bits ? 1 : 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errnum),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#endif
