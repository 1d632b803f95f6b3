package rondo.tools.imports;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import rondo.agents.catalog.Catalog;
import rondo.agents.catalog.CatalogBuilder;
import rondo.kernel.cli.UsageException;
import rondo.kernel.cli.Verb;
import rondo.tools.data.VectorFile;

/** {@code rondo import}: files of items, vectors and interactions into the next catalogue version of a data directory, all of it or nothing. */
@Command(name = "import", description = "Make a new catalogue version from your own files, all of it or nothing.")
public final class ImportVerb extends Verb {
    @Option(
            names = "--directory",
            required = true,
            paramLabel = "DIR",
            description = "Data directory; its catalogue versions stay as they are.")
    private Path directory = Path.of("");

    @Option(
            names = "--items",
            required = true,
            paramLabel = "FILE",
            description = "Items: " + TableReader.KNOWN + ". Columns without another part become attributes.")
    private Path items = Path.of("");

    @Option(
            names = "--vectors",
            paramLabel = "FILE",
            description = "A vector for each item, in their order: " + VectorFile.KNOWN + ".")
    private @Nullable Path vectors;

    @Option(names = "--user-vectors", paramLabel = "FILE", description = "User vectors, of the same types.")
    private @Nullable Path userVectors;

    @Option(
            names = "--user-ids",
            paramLabel = "FILE",
            description = "Ids of the user vectors, in their order: txt with one a line, also with .gz, or ivecs.")
    private @Nullable Path userIds;

    @Option(names = "--interactions", paramLabel = "FILE", description = "Interactions, of the types of --items.")
    private @Nullable Path interactions;

    @Option(names = "--id", paramLabel = "COLUMN", description = "Item id (default: item_id, itemId, id or movieId).")
    private @Nullable String id;

    @Option(names = "--title", paramLabel = "COLUMN", description = "Title (default: title or name; '' for none).")
    private @Nullable String title;

    @Option(
            names = "--categories",
            paramLabel = "COLUMN",
            description = "Categories (default: categories, category, genres or genre; '' for none).")
    private @Nullable String categories;

    @Option(
            names = "--category-separator",
            paramLabel = "TEXT",
            defaultValue = "|",
            description = "Between categories in one text (default: ${DEFAULT-VALUE}).")
    private String categorySeparator = "|";

    @Option(
            names = "--ignore",
            paramLabel = "COLUMN",
            split = ",",
            description = "Columns of the items to leave out, separated by commas.")
    private List<String> ignored = List.of();

    @Option(
            names = "--interaction-user",
            paramLabel = "COLUMN",
            description = "User of an interaction (default: user_id, userId or user).")
    private @Nullable String interactionUser;

    @Option(
            names = "--interaction-item",
            paramLabel = "COLUMN",
            description = "Item of an interaction (default: item_id, itemId, item or movieId).")
    private @Nullable String interactionItem;

    @Option(
            names = "--interaction-time",
            paramLabel = "COLUMN",
            description = "Time to sort by (default: timestamp, time or ts; '' or none of them: file order).")
    private @Nullable String interactionTime;

    @Option(names = "--no-item-to-item", description = "Leave out the weights between items.")
    private boolean isWithoutItemToItem;

    @Override
    protected boolean run(ObjectNode json) throws Exception {
        try {
            return makeVersion(json);
        } catch (OutOfMemoryError e) {
            throw new UsageException(
                    "the files need more memory than there is, nothing was imported; RONDO_OPTS=-Xmx8g "
                            + "gives 8 GiB: heapBytes=" + Runtime.getRuntime().maxMemory());
        }
    }

    private boolean makeVersion(ObjectNode json) throws IOException {
        if ((userVectors == null) != (userIds == null)) {
            throw new UsageException(
                    "--user-vectors and --user-ids go together: userVectors=" + userVectors + ", userIds=" + userIds);
        }
        if (categorySeparator.isEmpty()) {
            throw new UsageException("--category-separator must not be empty: categorySeparator=");
        }
        CatalogBuilder catalog = new CatalogBuilder();
        new ItemImport(
                        new ColumnChoice("--id", id, "item_id", "itemId", "id", "movieId"),
                        new ColumnChoice("--title", title, "title", "name"),
                        new ColumnChoice("--categories", categories, "categories", "category", "genres", "genre"),
                        categorySeparator,
                        ignored)
                .read(items, catalog);
        int dimension = readVectors(catalog);
        InteractionImport taken = new InteractionImport(
                new ColumnChoice("--interaction-user", interactionUser, "user_id", "userId", "user"),
                new ColumnChoice("--interaction-item", interactionItem, "item_id", "itemId", "item", "movieId"),
                new ColumnChoice("--interaction-time", interactionTime, "timestamp", "time", "ts"));
        if (interactions != null) {
            taken.read(interactions, catalog);
            if (!isWithoutItemToItem && taken.count() > 0) {
                catalog.withItemToItem();
            }
        }
        Path catalogs = directory.resolve("catalog");
        long version = Catalog.nextVersion(catalogs);
        Path made = write(catalog, catalogs, version);
        json.put("directory", directory.toString());
        json.put("catalog", made.toString());
        json.put("version", version);
        json.put("items", catalog.itemCount());
        json.put("dimension", dimension);
        json.put("users", catalog.historyCount());
        json.put("userVectors", catalog.userVectorCount());
        json.put("interactions", taken.count());
        json.putObject("skipped").put("unknownItems", taken.unknownItems());
        catalog.categoryNames().forEach(json.putArray("categories")::add);
        catalog.attributeNames().forEach(json.putArray("attributes")::add);
        print(json);
        return true;
    }

    private static Path write(CatalogBuilder catalog, Path catalogs, long version) throws IOException {
        try {
            return catalog.writeTo(catalogs, version);
        } catch (IOException e) {
            // What the file system says is often no more than a path.
            throw new IOException(
                    catalogs + ": the version cannot be written, nothing was imported: version=" + version + ", reason="
                            + e,
                    e);
        }
    }

    /** Returns the dimension, 0 without any vectors. */
    private int readVectors(CatalogBuilder catalog) throws IOException {
        int dimension = 0;
        if (vectors != null) {
            try (VectorFile file = VectorFile.open(vectors)) {
                require(file, catalog.itemCount(), "items", 0);
                dimension = file.dimension();
                catalog.itemVectors(file.values(), dimension);
            }
        }
        if (userVectors != null && userIds != null) {
            long[] ids = IdFile.read(userIds);
            try (VectorFile file = VectorFile.open(userVectors)) {
                require(file, ids.length, "users", dimension);
                dimension = file.dimension();
                catalog.userVectors(ids, file.values(), dimension);
            }
        }
        return dimension;
    }

    /** Refuses another number of vectors than there is something to describe, another dimension than the catalogue's, and more than it has room for. */
    private static void require(VectorFile vectors, int expectedCount, String what, int expectedDimension)
            throws IOException {
        if (vectors.count() != expectedCount) {
            throw new IOException(vectors.file() + ": there is one vector for each of the " + what + ": vectors="
                    + vectors.count() + ", " + what + "=" + expectedCount);
        }
        if (expectedDimension != 0 && vectors.dimension() != expectedDimension) {
            throw new IOException(vectors.file() + ": item and user vectors have one dimension: dimension="
                    + vectors.dimension() + ", items=" + expectedDimension);
        }
        if ((long) vectors.count() * vectors.dimension() * Float.BYTES > CatalogBuilder.SECTION_LENGTH_MAX) {
            throw new IOException(vectors.file() + ": vectors take at most " + CatalogBuilder.SECTION_LENGTH_MAX
                    + " bytes as float32: rows=" + vectors.count() + ", dimension=" + vectors.dimension());
        }
    }

    private void print(ObjectNode json) {
        out().printf(
                        Locale.ROOT,
                        "catalogue version %d in %s%n%d items, %d dimensions, %d users with %d interactions, "
                                + "%d interactions skipped for unknown items%ncategories %s%nattributes %s%n",
                        json.path("version").asLong(),
                        json.path("catalog").asText(),
                        json.path("items").asInt(),
                        json.path("dimension").asInt(),
                        json.path("users").asInt(),
                        json.path("interactions").asInt(),
                        json.path("skipped").path("unknownItems").asLong(),
                        json.path("categories"),
                        json.path("attributes"));
    }
}
