/* What macOS offers for the same two wishes: a thread that waits for the parent's end, and the
 * task's virtual size. */
/* SPDX-License-Identifier: ISC */
#include "worker/worker.h"

#include <mach/mach.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/event.h>
#include <unistd.h>

static void *wait_for_parent(void *arg)
{
    int kq = kqueue();
    struct kevent event;
    EV_SET(&event, (uintptr_t)arg, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, NULL);
    if (kq >= 0 && kevent(kq, &event, 1, &event, 1, NULL) == 1)
        _exit(0);
    return NULL; /* the parent could not be watched: the end of the descriptor still ends us */
}

void worker_bind_to_parent(void)
{
    pthread_t thread;
    uintptr_t parent = (uintptr_t)getppid();
    if (parent <= 1)
        return;
    if (pthread_create(&thread, NULL, wait_for_parent, (void *)parent) == 0)
        pthread_detach(thread);
}

size_t worker_space_used(void)
{
    struct mach_task_basic_info info;
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&info, &count) !=
        KERN_SUCCESS)
        return 0;
    return (size_t)info.virtual_size;
}
