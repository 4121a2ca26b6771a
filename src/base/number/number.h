/*
 * Numbers to text, exactly and fast.
 *
 * Real numbers are written as Python's repr() writes them: the fewest digits that
 * give the double back (Raffaello Giulietti, "The Schubfach way to render doubles",
 * 2020), with ".0" after whole numbers, and an exponent below 1e-4 and from 1e16.
 */
#ifndef BASE_NUMBER_NUMBER_H
#define BASE_NUMBER_NUMBER_H

#include <labelcap/error.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any number in any of these forms, with a NUL. */
#define NUMBER_TEXT 400

/* Room for a uint64_t in decimal, with a NUL. */
#define U64_TEXT 21

size_t number_from_unsigned(uint64_t value, char *out);
size_t number_from_signed(int64_t value, char *out);

/* "0.1", "1e-05", "123.0", "-0.0"; "nan", "inf", "-inf". */
size_t number_from_real(double value, char *out);

/* Nanoseconds as seconds: "1.5", "-0.000000001", "60.0". Exact. */
size_t number_from_ns(int64_t ns, char *out);

/*
 * A number format chosen by the user: ".4f", ".17g", ".6e" as in Python and C,
 * and "f" for ".6f".
 */
struct number_format {
    char conversion;   /* 'f', 'g', 'e'; 0 = as number_from_real() */
    uint8_t precision; /* 0 to 30 */
};

/* LCAP_ERR_ARGUMENT says what is expected. */
int number_format_parse(const char *text, struct number_format *format, struct lcap_error *error);

/* Like printf() in the C locale, correctly rounded; mostly without printf(). */
size_t number_in_format(double value, struct number_format format, char *out);

#endif
