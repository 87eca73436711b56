package org.elasticsearch.plugins;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.elasticsearch.Build;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.jdk.ModuleQualifiedExportsService;

/** Plugins that lie on the class path, where a distribution reads folders of modules. */
public final class GivenPlugins extends PluginsService {
    private final List<LoadedPlugin> loaded = new ArrayList<>();

    public GivenPlugins(Environment environment, Settings settings, List<Class<? extends Plugin>> classes) {
        super(settings, environment.configFile(), null, null);
        for (Class<? extends Plugin> type : classes) {
            loaded.add(new LoadedPlugin(describe(type), loadPlugin(type, settings, environment.configFile())));
        }
    }

    private static PluginDescriptor describe(Class<?> type) {
        String version = Build.current().version();
        String java = System.getProperty("java.specification.version");
        return new PluginDescriptor(
            type.getSimpleName(), "", version, version, java, type.getName(), null, List.of(), false, false, false, false);
    }

    @Override
    protected List<LoadedPlugin> plugins() {
        return loaded;
    }

    /** Asked once per plugin, this would find everything as many times: all jars share one class path. */
    @Override
    public <T> List<? extends T> loadServiceProviders(Class<T> service) {
        List<T> found = new ArrayList<>();
        ServiceLoader.load(service, GivenPlugins.class.getClassLoader()).forEach(found::add);
        return found;
    }

    /** Off the module path there are no exports to open. */
    @Override
    protected void addServerExportsService(Map<String, List<ModuleQualifiedExportsService>> exports) {}
}
