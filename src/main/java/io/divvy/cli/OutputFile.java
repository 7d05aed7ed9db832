package io.divvy.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;

/**
 * Writes a file that is there whole or not at all: it is written under another name beside its place, and moved there. What is
 * no file, such as a device or a pipe, is written to as it is.
 */
final class OutputFile {
    private OutputFile() {}

    /** What is written. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Fails as {@link #write} would, as far as that can be known before. */
    static void requireWritable(Path target) throws IOException {
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "it is a folder");
        }
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new NoSuchFileException(target.toString());
        }
    }

    static void write(Path target, Content content) throws IOException {
        requireWritable(target);
        boolean isThere = Files.exists(target);
        if (isThere ? !Files.isRegularFile(target) : Files.isSymbolicLink(target)) {
            write(content, Files.newOutputStream(target));
            return;
        }
        // Of a link, the file that it leads to.
        Path place = isThere ? target.toRealPath() : target.toAbsolutePath();
        Path unfinished = place.resolveSibling(
                "." + place.getFileName() + "." + ProcessHandle.current().pid() + ".unfinished");
        OutputStream out = Files.newOutputStream(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        unfinished.toFile().deleteOnExit(); // Also where a signal ends this process.
        try {
            if (isThere) {
                keepPermissions(place, unfinished);
            }
            write(content, out);
            Files.move(unfinished, place, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            out.close();
            Files.deleteIfExists(unfinished);
        }
    }

    private static void write(Content content, OutputStream to) throws IOException {
        try (OutputStream out = new BufferedOutputStream(to)) {
            content.writeTo(out);
        }
    }

    private static void keepPermissions(Path from, Path to) throws IOException {
        PosixFileAttributeView attributes = Files.getFileAttributeView(from, PosixFileAttributeView.class);
        if (attributes != null) {
            Files.setPosixFilePermissions(to, attributes.readAttributes().permissions());
        }
    }
}
