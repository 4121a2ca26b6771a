/* Removal of files and of directories with their contents; safe in a signal handler. */
#ifndef BASE_IO_REMOVE_TREE_H
#define BASE_IO_REMOVE_TREE_H

/*
 * Removes the file, or the directory with its contents; links in it are removed,
 * not followed. What cannot be removed stays, without an error. Uses only system
 * calls and the stack, so a signal handler may call it.
 */
void remove_tree(const char *path);

#endif
