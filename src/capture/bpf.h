/*
 * The instruction codes of the classic BPF machine (McCanne, Jacobson, "The BSD
 * Packet Filter", 1993, section 3.3), with names that do not clash with the macros
 * of the system's bpf.h.
 */
#ifndef CAPTURE_BPF_H
#define CAPTURE_BPF_H

#include <stdint.h>

/* Bits 0 to 2: the class. */
enum { INSN_LD, INSN_LDX, INSN_ST, INSN_STX, INSN_ALU, INSN_JMP, INSN_RET, INSN_MISC };

/* Loads, bits 3 and 4: the size; bits 5 to 7: where from. */
enum { SIZE_WORD = 0x00, SIZE_HALF = 0x08, SIZE_BYTE = 0x10 };
enum {
    MODE_IMM = 0x00, /* k */
    MODE_ABS = 0x20, /* packet[k] */
    MODE_IND = 0x40, /* packet[X + k] */
    MODE_MEM = 0x60, /* M[k] */
    MODE_LEN = 0x80, /* the length of the packet on the wire */
    MODE_MSH = 0xA0, /* 4 * (packet[k] & 15) */
};

/* Arithmetic, bits 4 to 7; bit 3 says whether the operand is k or X. */
enum {
    ALU_ADD = 0x00,
    ALU_SUB = 0x10,
    ALU_MUL = 0x20,
    ALU_DIV = 0x30,
    ALU_OR = 0x40,
    ALU_AND = 0x50,
    ALU_LSH = 0x60,
    ALU_RSH = 0x70,
    ALU_NEG = 0x80,
    ALU_MOD = 0x90,
    ALU_XOR = 0xA0,
};
enum { OPERAND_K = 0x00, OPERAND_X = 0x08 };

/* Jumps, bits 4 to 7; operands as in arithmetic. */
enum {
    JUMP_ALWAYS = 0x00,
    JUMP_EQUAL = 0x10,
    JUMP_GREATER = 0x20,
    JUMP_NOT_LESS = 0x30,
    JUMP_SET = 0x40
};

/* Returns, bits 3 and 4. */
enum { RETURN_K = 0x00, RETURN_A = 0x10 };

/* Miscellaneous. */
enum { MISC_TAX = 0x00, MISC_TXA = 0x80 };

#define INSN_MEMORY 16 /* cells of M[] */

static inline unsigned insn_class(uint16_t code)
{
    return code & 0x07;
}

static inline unsigned insn_size(uint16_t code)
{
    return code & 0x18;
}

static inline unsigned insn_mode(uint16_t code)
{
    return code & 0xE0;
}

static inline unsigned insn_operation(uint16_t code)
{
    return code & 0xF0;
}

static inline unsigned insn_operand(uint16_t code)
{
    return code & 0x08;
}

#endif
