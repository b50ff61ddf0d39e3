/* Hides AVX-512 and VNNI from a process, so that a CPU with them can be measured as a CPU with AVX2 only:
 *
 *     cc -O2 -shared -fPIC tests/bench/avx2.c -o avx2.so && LD_PRELOAD=./avx2.so PROGRAM
 *
 * Linux can make CPUID fault (arch_prctl(2), ARCH_SET_CPUID). The handler runs the instruction and clears those bits.
 * Exit status 77: the CPU or the kernel does not support this. Bits: Intel SDM, volume 2A, CPUID, leaf 7.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define BIT(number) (1u << (number))

static const uint32_t ebx_hidden = BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31);
static const uint32_t ecx_hidden = BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14);
static const uint32_t edx_hidden = BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25);

static long allow_cpuid(long work) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, work); }

static void on_fault(int signal_number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
    if (instruction[0] != 0x0f || instruction[1] != 0xa2) { /* another kind of fault */
        signal(SIGSEGV, SIG_DFL);
        return;
    }
    const uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX];
    uint32_t eax = leaf, ebx, ecx = part, edx;
    allow_cpuid(1);
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    allow_cpuid(0);
    if (leaf == 7 && part == 0) {
        ebx &= ~ebx_hidden;
        ecx &= ~ecx_hidden;
        edx &= ~edx_hidden;
    } else if (leaf == 7) { /* AVX-VNNI and related features */
        eax = ebx = ecx = edx = 0;
    }
    registers[REG_RAX] = eax;
    registers[REG_RBX] = ebx;
    registers[REG_RCX] = ecx;
    registers[REG_RDX] = edx;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void hide(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGSEGV, &action, 0);
    if (allow_cpuid(0)) _exit(77);
}
