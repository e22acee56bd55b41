// Libraries that need each other. PROVIDES and NEEDS name functions.

extern "C" {
#ifdef NEEDS
int NEEDS();
#endif
#ifdef PROVIDES
int PROVIDES() {
#ifdef NEEDS
  return NEEDS();
#else
  return 1;
#endif
}
#endif
}
