// Gives the precompiled header of cmake/Targets.cmake a target to belong to.
