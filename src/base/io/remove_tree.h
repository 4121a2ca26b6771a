/* Removal of files and of directories with their contents, fit for a signal handler. */
#ifndef BASE_IO_REMOVE_TREE_H
#define BASE_IO_REMOVE_TREE_H

/*
 * Removes the file, or the directory and all in it; links in it are removed,
 * not followed. What cannot be removed stays, without a word. Uses nothing but
 * system calls and the stack, so a signal handler may call it.
 */
void remove_tree(const char *path);

#endif
