// Measures a C++ library for `rondo bench ann`: builds its index over the vectors that Java has written and times every query.
//
//   peers FOLDER DIMENSION ip|l2 FILTERS
//
//   FOLDER/base.f32, query.f32   float32, row by row
//   FOLDER/filterN.u8            1 for a row that may be returned; filter 0 passes all
//   FOLDER/rN.bin                written, for each query: double best of three passes in us, int32 × k rows, best first, -1 where there are fewer
//   stdout                       built <tab> seconds <tab> bytes, then for each result: rN.bin <tab> index <tab> params <tab> k <tab> filter
//
// One thread, like the indexes it stands beside.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>
#ifdef WITH_HNSWLIB
#include <hnswlib/hnswlib.h>
#endif
#ifdef WITH_FAISS
#include <faiss/IndexFlat.h>
#include <faiss/IndexIVFFlat.h>
#include <faiss/impl/IDSelector.h>
#include <omp.h>
#endif

static const int PASSES = 3;
static const double ENOUGH_US = 20000;
static const int KS[] = {10, 100, 500};

template <class T>
static std::vector<T> readAll(const std::string& path) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) {
        fprintf(stderr, "peers: cannot read %s\n", path.c_str());
        exit(1);
    }
    std::vector<T> values(in.tellg() / sizeof(T));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
    return values;
}

static double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static long residentBytes() {
    std::ifstream in("/proc/self/statm");
    long size = 0, resident = 0;
    in >> size >> resident;
    return resident * 4096;
}

using Search = std::function<void(const float*, std::vector<int>&)>;

struct Bench {
    std::string folder;
    int dimension;
    std::vector<float> queries;
    int results = 0;

    // Returns the median, so that the caller can stop turning its knob.
    double measure(const std::string& index, const std::string& params, int k, int filter, const Search& search) {
        size_t count = queries.size() / dimension;
        std::vector<double> best(count, 1e18);
        std::vector<std::vector<int>> found(count);
        for (int pass = 0; pass < PASSES; pass++) {
            for (size_t q = 0; q < count; q++) {
                double start = now();
                search(&queries[q * dimension], found[q]);
                best[q] = std::min(best[q], (now() - start) * 1e6);
            }
        }
        std::string name = "r" + std::to_string(results++) + ".bin";
        std::ofstream out(folder + "/" + name, std::ios::binary);
        for (size_t q = 0; q < count; q++) {
            found[q].resize(k, -1);
            out.write(reinterpret_cast<char*>(&best[q]), sizeof(double));
            out.write(reinterpret_cast<char*>(found[q].data()), k * sizeof(int));
        }
        printf("%s\t%s\t%s\t%d\t%d\n", name.c_str(), index.c_str(), params.c_str(), k, filter);
        std::nth_element(best.begin(), best.begin() + count / 2, best.end());
        return best[count / 2];
    }
};

int main(int argc, char** argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: peers FOLDER DIMENSION ip|l2 FILTERS\n");
        return 2;
    }
    Bench bench{argv[1], atoi(argv[2]), readAll<float>(std::string(argv[1]) + "/query.f32")};
    bool isDistance = std::string(argv[3]) == "l2";
    int filters = atoi(argv[4]);
    int dimension = bench.dimension;
    std::vector<float> base = readAll<float>(bench.folder + "/base.f32");
    size_t count = base.size() / dimension;
    std::vector<std::vector<unsigned char>> passes;
    std::vector<double> shares;
    for (int f = 0; f < filters; f++) {
        passes.push_back(readAll<unsigned char>(bench.folder + "/filter" + std::to_string(f) + ".u8"));
        shares.push_back(std::count(passes[f].begin(), passes[f].end(), 1) / double(count));
    }
    long before = residentBytes();
    double start = now();
#ifdef WITH_HNSWLIB
    hnswlib::InnerProductSpace product(dimension);
    hnswlib::L2Space distance(dimension);
    hnswlib::SpaceInterface<float>* space = isDistance ? (hnswlib::SpaceInterface<float>*)&distance : &product;
    hnswlib::HierarchicalNSW<float> graph(space, count, 16, 200);
    for (size_t row = 0; row < count; row++) {
        graph.addPoint(&base[row * dimension], row);
    }
    printf("built\t%f\t%ld\n", now() - start, residentBytes() - before);
    for (int f = 0; f < filters; f++) {
        if (shares[f] < 0.05) {
            continue;
        }
        for (int k : KS) {
            // This version has no filter inside the search: as many more neighbours are asked for.
            int asked = f == 0 ? k : int(k / shares[f] * 1.2) + 10;
            for (double factor : {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0}) {
                int ef = int(asked * factor);
                if (ef > std::max(320, 4 * asked)) {
                    break;
                }
                graph.setEf(ef);
                Search search = [&](const float* query, std::vector<int>& out) {
                    auto queue = graph.searchKnn(query, asked);
                    std::vector<int> all(queue.size());
                    for (size_t i = queue.size(); i-- > 0;) {
                        all[i] = queue.top().second;
                        queue.pop();
                    }
                    out.clear();
                    for (int row : all) {
                        if (passes[f][row] && int(out.size()) < k) {
                            out.push_back(row);
                        }
                    }
                };
                if (bench.measure("hnsw M=16 efC=200", "ef=" + std::to_string(ef), k, f, search) > ENOUGH_US) {
                    break;
                }
            }
        }
    }
#endif
#ifdef WITH_FAISS
    omp_set_num_threads(1);
    size_t lists = count >= 500000 ? 1024 : count >= 20000 ? 256 : 64;
    faiss::IndexFlat quantizer(dimension, isDistance ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT);
    faiss::IndexIVFFlat index(
        &quantizer, dimension, lists, isDistance ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT);
    index.train(count, base.data());
    index.add(count, base.data());
    printf("built\t%f\t%ld\n", now() - start, residentBytes() - before);
    for (int f = 0; f < filters; f++) {
        std::vector<unsigned char> bits((count + 7) / 8);
        for (size_t row = 0; row < count; row++) {
            if (passes[f][row]) {
                bits[row / 8] |= 1 << (row % 8);
            }
        }
        faiss::IDSelectorBitmap selector(count, bits.data());
        for (int k : KS) {
            std::vector<float> scores(k);
            std::vector<int64_t> rows(k);
            for (size_t probes = 1; probes <= lists; probes *= 2) {
                faiss::SearchParametersIVF parameters;
                parameters.nprobe = probes;
                parameters.sel = f == 0 ? nullptr : &selector;
                Search search = [&](const float* query, std::vector<int>& out) {
                    index.search(1, query, k, scores.data(), rows.data(), &parameters);
                    out.assign(rows.begin(), rows.end());
                };
                if (bench.measure("IVF" + std::to_string(lists) + ",Flat", "nprobe=" + std::to_string(probes), k, f, search)
                    > ENOUGH_US) {
                    break;
                }
            }
        }
    }
#endif
    return 0;
}
