/* CHECK(condition): ends the program with the line if it does not hold. */
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                           \
  ((condition) ? (void)0                                                                           \
               : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), exit(1)))
