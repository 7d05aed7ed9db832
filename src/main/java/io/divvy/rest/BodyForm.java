package io.divvy.rest;

/** What becomes of the bytes of a result on their way to a client. */
enum BodyForm {
    /** They stay as they are. */
    STORED,
    /** Each number is written as a string. */
    STRINGS,
    /** The bytes of which there is base64. */
    PICTURE;

    /** Base64 has four characters for three bytes. */
    private static final int GROUP_BYTES = 3;

    private static final int GROUP_CHARACTERS = 4;

    /** A new one for each answer. */
    BodyFilter filter() {
        return switch (this) {
            case STORED -> BodyFilter.NONE;
            case STRINGS -> new QuotedNumbers();
            case PICTURE -> new Base64Bytes();
        };
    }

    /**
     * The bytes of the source that a part of the body is made of, or a few more. Of what is not in groups it is not known where the
     * part begins, so the source is read from its start; nothing gets shorter there, so the part ends no later than its
     * end.
     */
    ByteRange sourceOf(ByteRange part) {
        return switch (this) {
            case STORED -> part;
            case STRINGS -> new ByteRange(0, part.to());
            case PICTURE ->
                new ByteRange(
                        part.from() / GROUP_BYTES * GROUP_CHARACTERS,
                        (part.to() + GROUP_BYTES - 1) / GROUP_BYTES * GROUP_CHARACTERS);
        };
    }

    /** How many bytes that source leads to before the part begins. */
    long bytesBefore(ByteRange part) {
        return switch (this) {
            case STORED -> 0;
            case STRINGS -> part.from();
            case PICTURE -> part.from() % GROUP_BYTES;
        };
    }
}
