/* Records the file operations of a process in the folder RECORD_FOLDER to the file RECORD_LOG (LD_PRELOAD).
 *
 * All processes append to one log, in the order in which their operations happened: each operation and its record are
 * one step under a lock. fsync and fdatasync have two records, so that other operations can happen in between. They do
 * not wait for the real disk, because `disk.py` simulates it. Shared memory of SQLite (-shm) is not recorded.
 * An operation that would escape the recorder, such as a shared writable mapping, is recorded as UNSUPPORTED.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, MKDIR, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, RENAME, LINK, UNLINK, RMDIR, MARK, UNSUPPORTED };

struct record { uint32_t magic, kind; uint64_t inode; int64_t number; uint32_t length, second_length; };

static char root[PATH_MAX];
static size_t root_length;
static const char *log_path;
static int log_file = -1;
static pid_t log_process;
static uint32_t syncs;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
    const char *folder = getenv("RECORD_FOLDER");
    log_path = getenv("RECORD_LOG");
    if (folder && log_path && strlen(folder) < sizeof root) {
        strcpy(root, folder);
        root_length = strlen(root);
    }
}

static int is_recorded(const char *path) {
    return root_length && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

/* Write the absolute path to `result`. */
static void resolve(int folder, const char *path, char *result) {
    char link[64];
    ssize_t length;
    if (path[0] == '/' || !root_length) {
        snprintf(result, PATH_MAX, "%s", path);
        return;
    }
    if (folder == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    length = readlink(link, result, PATH_MAX / 2);
    snprintf(result + (length > 0 ? length : 0), PATH_MAX / 2, "/%s", path);
}

/* Return the inode of a recorded open file, or 0. */
static uint64_t find_inode(int file) {
    char link[64], path[PATH_MAX];
    struct stat status;
    ssize_t length;
    int saved = errno;
    uint64_t inode = 0;
    if (!root_length)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        if (is_recorded(path) && !strstr(path, "-shm") && !fstat(file, &status))
            inode = status.st_ino;
    }
    errno = saved;
    return inode;
}

static void lock(void) {
    pthread_mutex_lock(&mutex);
    if (log_file < 0 || log_process != getpid()) {
        log_file = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        log_process = getpid();
        if (log_file < 0)
            abort();
    }
    while (flock(log_file, LOCK_EX))
        ;
}

static void unlock(void) {
    flock(log_file, LOCK_UN);
    pthread_mutex_unlock(&mutex);
}

static void add(int kind, uint64_t inode, int64_t number, const void *data, size_t length, const char *second) {
    size_t second_length = second ? strlen(second) : 0;
    struct record record = {0x50495854, kind, inode, number, length, second_length};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)data, length}, {(void *)second, second_length}};
    ssize_t total = sizeof record + length + second_length;
    int saved = errno;
    if (syscall(SYS_writev, log_file, parts, 3) != total)
        abort();
    errno = saved;
}

static void add_path(int kind, uint64_t inode, const char *path, const char *second) {
    add(kind, inode, 0, path, strlen(path), second);
}

static void add_unsupported(const char *name) {
    lock();
    add(UNSUPPORTED, 0, 0, name, strlen(name), NULL);
    unlock();
}

static int open_recorded(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat status;
    int is_new, file;
    resolve(folder, name, path);
    if (!is_recorded(path) || !(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE) {
        if (is_recorded(path) && (flags & O_TMPFILE) == O_TMPFILE)
            add_unsupported("O_TMPFILE");
        return syscall(SYS_openat, folder, name, flags, mode);
    }
    lock();
    is_new = lstat(path, &status) != 0;
    file = syscall(SYS_openat, folder, name, flags, mode);
    if (file >= 0 && !fstat(file, &status)) {
        if (is_new)
            add_path(CREATE, status.st_ino, path, NULL);
        else if (flags & O_TRUNC)
            add(TRUNCATE, status.st_ino, 0, NULL, 0, NULL);
    }
    unlock();
    return file;
}

#define OPEN(name, parameters, folder, flags_name)                     \
    int name parameters {                                              \
        mode_t mode = 0;                                               \
        if (flags_name & (O_CREAT | O_TMPFILE)) {                      \
            va_list arguments;                                         \
            va_start(arguments, flags_name);                           \
            mode = va_arg(arguments, int);                             \
            va_end(arguments);                                         \
        }                                                              \
        return open_recorded(folder, path, flags_name, mode);          \
    }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD, flags)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD, flags)
OPEN(openat, (int folder, const char *path, int flags, ...), folder, flags)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder, flags)
int __open_2(const char *path, int flags) { return open_recorded(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_recorded(AT_FDCWD, path, flags, 0); }
int creat(const char *path, mode_t mode) { return open_recorded(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static ssize_t write_recorded(int file, const struct iovec *parts, int count, off_t offset) {
    uint64_t inode = find_inode(file);
    ssize_t written, total = 0;
    char *data;
    int i;
    if (!inode)
        return offset < 0 ? syscall(SYS_writev, file, parts, count)
                          : syscall(SYS_pwritev, file, parts, count, (long)offset, 0L);
    lock();
    written = offset < 0 ? syscall(SYS_writev, file, parts, count)
                         : syscall(SYS_pwritev, file, parts, count, (long)offset, 0L);
    if (written > 0) {
        if (offset < 0)
            offset = lseek(file, 0, SEEK_CUR) - written;
        data = malloc(written);
        for (i = 0; i < count && total < written; i++) {
            size_t length = parts[i].iov_len;
            if ((ssize_t)length > written - total)
                length = written - total;
            memcpy(data + total, parts[i].iov_base, length);
            total += length;
        }
        add(WRITE, inode, offset, data, written, NULL);
        free(data);
    }
    unlock();
    return written;
}

ssize_t write(int file, const void *data, size_t length) {
    struct iovec part = {(void *)data, length};
    return find_inode(file) ? write_recorded(file, &part, 1, -1) : syscall(SYS_write, file, data, length);
}
ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    struct iovec part = {(void *)data, length};
    return find_inode(file) ? write_recorded(file, &part, 1, offset) : syscall(SYS_pwrite64, file, data, length, offset);
}
ssize_t pwrite64(int file, const void *data, size_t length, off_t offset) { return pwrite(file, data, length, offset); }
ssize_t writev(int file, const struct iovec *parts, int count) { return write_recorded(file, parts, count, -1); }
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    return write_recorded(file, parts, count, offset);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off_t offset) {
    return write_recorded(file, parts, count, offset);
}

int ftruncate(int file, off_t size) {
    uint64_t inode = find_inode(file);
    int result;
    if (!inode)
        return syscall(SYS_ftruncate, file, size);
    lock();
    result = syscall(SYS_ftruncate, file, size);
    if (!result)
        add(TRUNCATE, inode, size, NULL, 0, NULL);
    unlock();
    return result;
}
int ftruncate64(int file, off_t size) { return ftruncate(file, size); }
int truncate(const char *path, off_t size) {
    int file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0), result, saved;
    if (file < 0)
        return -1;
    result = ftruncate(file, size);
    saved = errno;
    close(file);
    errno = saved;
    return result;
}
int truncate64(const char *path, off_t size) { return truncate(path, size); }

static int sync_recorded(int file, long number) {
    uint64_t inode = find_inode(file), token;
    if (!inode)
        return syscall(number, file);
    lock();
    token = ((uint64_t)getpid() << 32) | syncs++;
    add(SYNC_BEGIN, inode, token, NULL, 0, NULL);
    unlock();
    usleep(300);
    lock();
    add(SYNC_END, inode, token, NULL, 0, NULL);
    unlock();
    return 0;
}
int fsync(int file) { return sync_recorded(file, SYS_fsync); }
int fdatasync(int file) { return sync_recorded(file, SYS_fdatasync); }

/* Run a system call on one or two paths, and record it. */
#define ON_PATHS(kind, first, second, call)                                     \
    int result;                                                                 \
    if (!is_recorded(first) && !(second && is_recorded(second)))                \
        return call;                                                            \
    if (second && is_recorded(first) != is_recorded(second))                    \
        add_unsupported("a name outside of the folder");                        \
    lock();                                                                     \
    result = call;                                                              \
    if (!result)                                                                \
        add_path(kind, 0, first, second);                                       \
    unlock();                                                                   \
    return result;

int renameat2(int from, const char *name, int to, const char *new_name, unsigned int flags) {
    char first[PATH_MAX], buffer[PATH_MAX];
    const char *second = buffer;
    resolve(from, name, first);
    resolve(to, new_name, buffer);
    ON_PATHS(RENAME, first, second, (int)syscall(SYS_renameat2, from, name, to, new_name, flags))
}
int renameat(int from, const char *name, int to, const char *new_name) { return renameat2(from, name, to, new_name, 0); }
int rename(const char *name, const char *new_name) { return renameat2(AT_FDCWD, name, AT_FDCWD, new_name, 0); }
int linkat(int from, const char *name, int to, const char *new_name, int flags) {
    char first[PATH_MAX], buffer[PATH_MAX];
    const char *second = buffer;
    resolve(from, name, first);
    resolve(to, new_name, buffer);
    ON_PATHS(LINK, first, second, (int)syscall(SYS_linkat, from, name, to, new_name, flags))
}
int link(const char *name, const char *new_name) { return linkat(AT_FDCWD, name, AT_FDCWD, new_name, 0); }
int unlinkat(int folder, const char *name, int flags) {
    char first[PATH_MAX];
    const char *second = NULL;
    resolve(folder, name, first);
    ON_PATHS(flags & AT_REMOVEDIR ? RMDIR : UNLINK, first, second, (int)syscall(SYS_unlinkat, folder, name, flags))
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int mkdirat(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    struct stat status;
    int result;
    resolve(folder, name, path);
    if (!is_recorded(path))
        return syscall(SYS_mkdirat, folder, name, mode);
    lock();
    result = syscall(SYS_mkdirat, folder, name, mode);
    if (!result && !lstat(path, &status))
        add_path(MKDIR, status.st_ino, path, NULL);
    unlock();
    return result;
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    if (file >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE) && find_inode(file))
        add_unsupported("mmap");
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}
void *mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    return mmap(address, length, protection, flags, file, offset);
}

#define REFUSE(type, name, parameters, file, call)  \
    type name parameters {                          \
        if (find_inode(file))                       \
            add_unsupported(#name);                 \
        return call;                                \
    }
REFUSE(ssize_t, sendfile, (int to, int from, off_t *offset, size_t count), to, syscall(SYS_sendfile, to, from, offset, count))
REFUSE(ssize_t, sendfile64, (int to, int from, off_t *offset, size_t count), to, syscall(SYS_sendfile, to, from, offset, count))
REFUSE(ssize_t, copy_file_range, (int from, off_t *start, int to, off_t *offset, size_t length, unsigned int flags), to,
       syscall(SYS_copy_file_range, from, start, to, offset, length, flags))
REFUSE(int, fallocate, (int file, int mode, off_t offset, off_t length), file, syscall(SYS_fallocate, file, mode, offset, length))
REFUSE(int, fallocate64, (int file, int mode, off_t offset, off_t length), file, syscall(SYS_fallocate, file, mode, offset, length))
REFUSE(int, posix_fallocate, (int file, off_t offset, off_t length), file, syscall(SYS_fallocate, file, 0, offset, length) ? errno : 0)
REFUSE(int, posix_fallocate64, (int file, off_t offset, off_t length), file, syscall(SYS_fallocate, file, 0, offset, length) ? errno : 0)
