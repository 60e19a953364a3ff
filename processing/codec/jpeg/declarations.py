"""libjpeg-turbo's classic interface (ABI 6.2) as C declares it; only what this package touches has its true type.

Source: libjpeg-turbo 3, `jpeglib.h` and `jmorecfg.h`, with JPEG_LIB_VERSION 62.
"""

from typing import Final

ABI_VERSION: Final = 62

DECLARATIONS: Final = """
typedef unsigned char JSAMPLE;
typedef JSAMPLE *JSAMPROW;
typedef JSAMPROW *JSAMPARRAY;
typedef JSAMPARRAY *JSAMPIMAGE;
typedef short JBLOCK[64];
typedef JBLOCK *JBLOCKROW;
typedef JBLOCKROW *JBLOCKARRAY;

typedef struct { uint16_t quantval[64]; int sent_table; } JQUANT_TBL;
typedef struct { uint8_t bits[17]; uint8_t huffval[256]; int sent_table; } JHUFF_TBL;

typedef struct {
  int component_id, component_index, h_samp_factor, v_samp_factor, quant_tbl_no, dc_tbl_no, ac_tbl_no;
  unsigned width_in_blocks, height_in_blocks;
  int DCT_scaled_size;
  unsigned downsampled_width, downsampled_height;
  int component_needed, MCU_width, MCU_height, MCU_blocks, MCU_sample_width, last_col_width, last_row_height;
  JQUANT_TBL *quant_table;
  void *dct_table;
} jpeg_component_info;

struct jpeg_error_mgr {
  void (*error_exit)(void *);
  void (*emit_message)(void *, int);
  void (*output_message)(void *);
  void (*format_message)(void *, char *);
  void (*reset_error_mgr)(void *);
  int msg_code;
  union { int i[8]; char s[80]; } msg_parm;
  int trace_level;
  long num_warnings;
  void *jpeg_message_table;
  int last_jpeg_message;
  void *addon_message_table;
  int first_addon_message, last_addon_message;
};

struct jpeg_memory_mgr {
  void *alloc_small, *alloc_large, *alloc_sarray, *alloc_barray, *request_virt_sarray, *request_virt_barray,
    *realize_virt_arrays, *access_virt_sarray;
  JBLOCKARRAY (*access_virt_barray)(void *, void *, unsigned start_row, unsigned num_rows, int writable);
  void *free_pool, *self_destruct;
  long max_memory_to_use, max_alloc_chunk;
};

struct jpeg_compress_struct {
  struct jpeg_error_mgr *err;
  struct jpeg_memory_mgr *mem;
  void *progress, *client_data;
  int is_decompressor, global_state;
  void *dest;
  unsigned image_width, image_height;
  int input_components, in_color_space;
  double input_gamma;
  int data_precision, num_components, jpeg_color_space;
  jpeg_component_info *comp_info;
  JQUANT_TBL *quant_tbl_ptrs[4];
  JHUFF_TBL *dc_huff_tbl_ptrs[4], *ac_huff_tbl_ptrs[4];
  uint8_t arith_dc_L[16], arith_dc_U[16], arith_ac_K[16];
  int num_scans;
  void *scan_info;
  int raw_data_in, arith_code, optimize_coding, CCIR601_sampling, smoothing_factor, dct_method;
  unsigned restart_interval;
  int restart_in_rows, write_JFIF_header;
  uint8_t JFIF_major_version, JFIF_minor_version, density_unit;
  uint16_t X_density, Y_density;
  int write_Adobe_marker;
  unsigned next_scanline;
  int progressive_mode, max_h_samp_factor, max_v_samp_factor;
  unsigned total_iMCU_rows;
  int comps_in_scan;
  jpeg_component_info *cur_comp_info[4];
  unsigned MCUs_per_row, MCU_rows_in_scan;
  int blocks_in_MCU, MCU_membership[10], Ss, Se, Ah, Al;
  void *master, *main, *prep, *coef, *marker, *cconvert, *downsample, *fdct, *entropy, *script_space;
  int script_space_size;
};

struct jpeg_decompress_struct {
  struct jpeg_error_mgr *err;
  struct jpeg_memory_mgr *mem;
  void *progress, *client_data;
  int is_decompressor, global_state;
  void *src;
  unsigned image_width, image_height;
  int num_components, jpeg_color_space, out_color_space;
  unsigned scale_num, scale_denom;
  double output_gamma;
  int buffered_image, raw_data_out, dct_method, do_fancy_upsampling, do_block_smoothing, quantize_colors,
    dither_mode, two_pass_quantize, desired_number_of_colors, enable_1pass_quant, enable_external_quant,
    enable_2pass_quant;
  unsigned output_width, output_height;
  int out_color_components, output_components, rec_outbuf_height, actual_number_of_colors;
  JSAMPARRAY colormap;
  unsigned output_scanline;
  int input_scan_number;
  unsigned input_iMCU_row;
  int output_scan_number;
  unsigned output_iMCU_row;
  void *coef_bits;
  JQUANT_TBL *quant_tbl_ptrs[4];
  JHUFF_TBL *dc_huff_tbl_ptrs[4], *ac_huff_tbl_ptrs[4];
  int data_precision;
  jpeg_component_info *comp_info;
  int progressive_mode, arith_code;
  uint8_t arith_dc_L[16], arith_dc_U[16], arith_ac_K[16];
  unsigned restart_interval;
  int saw_JFIF_marker;
  uint8_t JFIF_major_version, JFIF_minor_version, density_unit;
  uint16_t X_density, Y_density;
  int saw_Adobe_marker;
  uint8_t Adobe_transform;
  int CCIR601_sampling;
  void *marker_list;
  int max_h_samp_factor, max_v_samp_factor, min_DCT_scaled_size;
  unsigned total_iMCU_rows;
  JSAMPLE *sample_range_limit;
  int comps_in_scan;
  jpeg_component_info *cur_comp_info[4];
  unsigned MCUs_per_row, MCU_rows_in_scan;
  int blocks_in_MCU, MCU_membership[10], Ss, Se, Ah, Al, unread_marker;
  void *master, *main, *coef, *post, *inputctl, *marker, *entropy, *idct, *upsample, *cconvert, *cquantize;
};

struct jpeg_error_mgr *jpeg_std_error(struct jpeg_error_mgr *);

void jpeg_CreateDecompress(struct jpeg_decompress_struct *, int version, size_t);
void jpeg_destroy_decompress(struct jpeg_decompress_struct *);
void jpeg_mem_src(struct jpeg_decompress_struct *, const char *, unsigned long);
int jpeg_read_header(struct jpeg_decompress_struct *, int require_image);
int jpeg_start_decompress(struct jpeg_decompress_struct *);
unsigned jpeg_read_scanlines(struct jpeg_decompress_struct *, JSAMPARRAY, unsigned);
unsigned jpeg_read_raw_data(struct jpeg_decompress_struct *, JSAMPIMAGE, unsigned);
void *jpeg_read_coefficients(struct jpeg_decompress_struct *);
int jpeg_finish_decompress(struct jpeg_decompress_struct *);

void jpeg_CreateCompress(struct jpeg_compress_struct *, int version, size_t);
void jpeg_destroy_compress(struct jpeg_compress_struct *);
void jpeg_mem_dest(struct jpeg_compress_struct *, unsigned char **, unsigned long *);
void jpeg_set_defaults(struct jpeg_compress_struct *);
void jpeg_set_quality(struct jpeg_compress_struct *, int quality, int force_baseline);
void jpeg_simple_progression(struct jpeg_compress_struct *);
void jpeg_start_compress(struct jpeg_compress_struct *, int write_all_tables);
unsigned jpeg_write_scanlines(struct jpeg_compress_struct *, JSAMPARRAY, unsigned);
unsigned jpeg_write_raw_data(struct jpeg_compress_struct *, JSAMPIMAGE, unsigned);
void jpeg_copy_critical_parameters(struct jpeg_decompress_struct *, struct jpeg_compress_struct *);
void jpeg_write_coefficients(struct jpeg_compress_struct *, void *);
void jpeg_write_marker(struct jpeg_compress_struct *, int, const char *, unsigned);
void jpeg_finish_compress(struct jpeg_compress_struct *);

void free(void *);
"""
