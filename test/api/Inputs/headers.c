#include "tlrt/program.h"

int main(void) { return TLRT_OK; }
