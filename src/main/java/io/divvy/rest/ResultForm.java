package io.divvy.rest;

/**
 * In which form a client wants a result. One that is a picture is there as the picture, which is sent by default, and as the
 * JSON that it is stored as.
 */
record ResultForm(ResultNumbers numbers, AcceptedTypes accepted) {
    boolean takesPictures() {
        double picture = accepted.quality(PictureText.PNG);
        return picture > 0 && picture >= accepted.quality(Reply.JSON);
    }

    boolean takesJson() {
        return accepted.quality(Reply.JSON) > 0;
    }

    /**
     * Of a result in this form. Whether it is a picture need not be known: it is or is not, as long as it is the same version.
     *
     * @param version of the result
     */
    String tag(String version) {
        return EntityTag.named(
                version + (numbers == ResultNumbers.STRING ? "-strings" : "") + (takesPictures() ? "" : "-json"));
    }
}
