package rondo.tools;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewMultiArrayInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.NewReferenceArrayInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.constant.ClassDesc;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A method marked {@code @HotPath} constructs, boxes and locks nothing: read from its instructions, because ArchUnit's own model shows neither arrays
 * nor {@code invokedynamic}, which is what lambdas, string building and pattern switches become.
 *
 * <p>What lies between the {@code new} of a throwable and its {@code athrow} is let through: a refused call may describe itself. Methods that are called
 * are not followed; the allocation tests count what they cost.
 */
final class HotPathCondition extends ArchCondition<JavaClass> {
    private static final ClassDesc HOT_PATH = ClassDesc.of("rondo.ann.HotPath");

    private static final Set<String> BOXES = Set.of(
            "java/lang/Boolean",
            "java/lang/Byte",
            "java/lang/Character",
            "java/lang/Short",
            "java/lang/Integer",
            "java/lang/Long",
            "java/lang/Float",
            "java/lang/Double");

    /** Calls that are there to make something. */
    private static final Set<String> MAKERS =
            Set.of("iterator", "listIterator", "spliterator", "stream", "clone", "copyOf", "copyOfRange", "values");

    private int methodCount;

    HotPathCondition() {
        super("construct, box and lock nothing in methods marked @HotPath");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        for (MethodModel method : ClassFile.of().parse(bytes(type)).methods()) {
            if (isHot(method)) {
                methodCount++;
                method.code().ifPresent(code -> scan(type, method, code, events));
            }
        }
    }

    /** A scan that looked at nothing proves nothing. */
    @Override
    public void finish(ConditionEvents events) {
        if (methodCount == 0) {
            events.add(SimpleConditionEvent.violated(HOT_PATH, "no method marked @HotPath was found"));
        }
    }

    private static byte[] bytes(JavaClass type) {
        try (InputStream in = type.getSource().orElseThrow().getUri().toURL().openStream()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(type.getName(), e);
        }
    }

    private static boolean isHot(MethodModel method) {
        return method.findAttribute(Attributes.runtimeInvisibleAnnotations()).stream()
                .flatMap(attribute -> attribute.annotations().stream())
                .anyMatch(annotation -> annotation.classSymbol().equals(HOT_PATH));
    }

    private static void scan(
            JavaClass type, MethodModel method, Iterable<CodeElement> elements, ConditionEvents events) {
        int line = 0;
        String thrown = null;
        for (CodeElement element : elements) {
            if (element instanceof LineNumber number) {
                line = number.line();
            } else if (element instanceof ThrowInstruction) {
                thrown = null;
            } else if (thrown != null) {
                if (element instanceof ReturnInstruction) {
                    report(type, method, line, "makes " + thrown + " without throwing it", events);
                    thrown = null;
                }
            } else if (element instanceof NewObjectInstruction made
                    && isThrowable(made.className().asInternalName())) {
                thrown = made.className().asInternalName();
            } else {
                String what = fault(element);
                if (what != null) {
                    report(type, method, line, what, events);
                }
            }
        }
    }

    private static void report(JavaClass type, MethodModel method, int line, String what, ConditionEvents events) {
        events.add(SimpleConditionEvent.violated(
                type,
                type.getName() + "." + method.methodName().stringValue() + " is marked @HotPath and " + what + " in ("
                        + type.getSimpleName() + ".java:" + line + ")"));
    }

    private static @Nullable String fault(CodeElement element) {
        if (element instanceof NewObjectInstruction made) {
            return "makes a new " + made.className().asInternalName();
        }
        if (element instanceof NewPrimitiveArrayInstruction made) {
            return "makes a new array of " + made.typeKind();
        }
        if (element instanceof NewReferenceArrayInstruction made) {
            return "makes a new array of " + made.componentType().asInternalName();
        }
        if (element instanceof NewMultiArrayInstruction made) {
            return "makes a new " + made.arrayType().asInternalName();
        }
        if (element instanceof InvokeDynamicInstruction call) {
            return "builds a string, lambda or pattern switch through invokedynamic "
                    + call.name().stringValue();
        }
        if (element instanceof MonitorInstruction) {
            return "takes a lock";
        }
        return element instanceof InvokeInstruction call ? callFault(call) : null;
    }

    private static @Nullable String callFault(InvokeInstruction call) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
        if (isStatic && name.equals("valueOf") && BOXES.contains(owner)) {
            return "boxes a value through " + owner + ".valueOf";
        }
        boolean isMaker = MAKERS.contains(name)
                && call.typeSymbol().returnType().descriptorString().length() > 1;
        return isMaker ? "calls " + owner + "." + name + ", which makes something" : null;
    }

    private static boolean isThrowable(String internalName) {
        try {
            return Throwable.class.isAssignableFrom(
                    Class.forName(internalName.replace('/', '.'), false, HotPathCondition.class.getClassLoader()));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
