/* Hides AVX-512 and VNNI from copies of libraries, so that a CPU with them can be measured as a CPU with AVX2 only.
 *
 * `hidden.py` replaces each CPUID instruction of the copies by UD2, which has the same length. The handler of its signal
 * runs CPUID and clears those bits. Unlike a fault of CPUID itself (arch_prctl(2), ARCH_SET_CPUID), this works in virtual
 * machines and on AMD. Bits: Intel SDM, volume 2A, CPUID, leaf 7.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#define BIT(number) (1u << (number))

static const uint32_t ebx_hidden = BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31);
static const uint32_t ecx_hidden = BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14);
static const uint32_t edx_hidden = BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25);

static void on_undefined(int signal_number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
    if (instruction[0] != 0x0f || instruction[1] != 0x0b) { /* not a replaced instruction */
        signal(SIGILL, SIG_DFL);
        return;
    }
    const uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX];
    uint32_t eax = leaf, ebx, ecx = part, edx;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
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
    struct sigaction action = {.sa_sigaction = on_undefined, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigaction(SIGILL, &action, 0);
}
