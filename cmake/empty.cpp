// Gives a precompiled header a program to belong to.
