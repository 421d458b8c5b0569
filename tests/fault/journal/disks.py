"""File systems of our own. They are gone with the process that has mounted them."""

import ctypes
import fcntl
import functools
import os
import struct
import subprocess

from bench import Skip, expect


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    expect(done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr.strip()}")


@functools.cache
def mount_for_us_alone():
    expect(ctypes.CDLL(None).unshare(0x00020000) == 0, "unshare failed")  # CLONE_NEWNS
    call("mount", "--make-rprivate", "/")


@functools.cache
def can_be_apart():
    # In a chroot mounts cannot be kept from others.
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


def need_root():
    if os.geteuid() != 0:
        raise Skip("it takes root to mount a file system")
    if not can_be_apart():
        raise Skip("no mount namespaces here")


class Tmpfs:
    def __init__(self, path, size):
        mount_for_us_alone()
        self.path = path
        path.mkdir()
        call("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        call("umount", self.path)

    def grow(self, size):
        call("mount", "-o", f"remount,size={size}", self.path)


class Disk:
    """An ext4 that loses its power. Writes are on it when they have reached the disk; where that
    is to have a cache, when the disk was told to flush it: then its image is on a disk of its own,
    and that is what loses its power.
    """

    def __init__(self, home, cached):
        mount_for_us_alone()
        self.path = home / "disk"
        self.below = home / "below" if cached else None
        self.image = (self.below or home) / "image"
        self.below_image = home / "below.image"
        self.path.mkdir()
        if cached:
            self.below.mkdir()
            self.make(self.below_image, "48M")
            call("mount", "-o", "loop", self.below_image, self.below)
        self.make(self.image, "16M")
        if cached:
            # All of its blocks are there, and no write to it changes what is below.
            content = self.image.read_bytes()
            with self.image.open("r+b") as image:
                image.write(content)
            call("sync", "-f", self.below)
        call("mount", "-o", "loop", self.image, self.path)

    @staticmethod
    def make(image, size):
        call("truncate", "-s", size, image)
        call("mkfs.ext4", "-q", "-F", "-J", "size=4", image)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.unmount()

    def unmount(self):
        call("umount", self.path)
        if self.below:
            call("umount", self.below)

    def lose_power(self):
        fd = os.open(self.below or self.path, os.O_RDONLY)
        try:
            # FS_IOC_SHUTDOWN: at once, without a flush even of its own log.
            fcntl.ioctl(fd, 0x8004587D, struct.pack("I", 2))
        finally:
            os.close(fd)

    def come_back(self):
        self.unmount()
        if self.below:
            call("mount", "-o", "loop", self.below_image, self.below)
        call("mount", "-o", "loop", self.image, self.path)
