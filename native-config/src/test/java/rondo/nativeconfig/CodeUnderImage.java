package rondo.nativeconfig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The byte code that goes into the image: the modules of the given classes, each a folder or a jar. */
final class CodeUnderImage {
    private static final Map<String, String> FOREIGN_NAMES = Map.of(
            "JAVA_BYTE", "jbyte",
            "JAVA_SHORT", "jshort",
            "JAVA_INT", "jint",
            "JAVA_LONG", "jlong",
            "JAVA_FLOAT", "jfloat",
            "JAVA_DOUBLE", "jdouble",
            "ADDRESS", "void*");

    private final List<ClassModel> classes = new ArrayList<>();

    CodeUnderImage(Class<?>... one) throws IOException, URISyntaxException {
        for (Class<?> type : one) {
            Path place = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                read(place);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(place)) {
                    read(jar.getPath("/"));
                }
            }
        }
    }

    private void read(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(file -> file.toString().endsWith(".class"))
                    .filter(file -> !file.endsWith("module-info.class"))
                    .forEach(file -> classes.add(parse(file)));
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of all classes. */
    List<String> classNames() {
        return classes.stream()
                .map(model -> model.thisClass().asInternalName().replace('/', '.'))
                .toList();
    }

    /** Every function descriptor that is made, as metadata writes it: {@code jint(void*,jlong,jint)}. */
    Set<String> downcalls() {
        Set<String> found = new TreeSet<>();
        for (ClassModel model : classes) {
            for (MethodModel method : model.methods()) {
                method.code().ifPresent(code -> downcalls(code, found));
            }
        }
        return found;
    }

    private static void downcalls(Iterable<CodeElement> code, Set<String> found) {
        List<String> layouts = new ArrayList<>();
        for (CodeElement element : code) {
            if (element instanceof FieldInstruction field
                    && field.owner().asInternalName().equals("java/lang/foreign/ValueLayout")) {
                layouts.add(FOREIGN_NAMES.getOrDefault(
                        field.name().stringValue(), field.name().stringValue()));
            } else if (element instanceof InvokeInstruction call
                    && call.owner().asInternalName().equals("java/lang/foreign/FunctionDescriptor")) {
                boolean isVoid = call.name().stringValue().equals("ofVoid");
                String result = isVoid ? "void" : layouts.removeFirst();
                found.add(result + "(" + String.join(",", layouts) + ")");
                layouts.clear();
            }
        }
    }
}
