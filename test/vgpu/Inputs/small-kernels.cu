#include <cuda_fp16.h>
#include <cuda_bf16.h>
extern "C" __global__ void saxpy(float *y, const float *x, float a, int n) { int i = blockIdx.x*blockDim.x+threadIdx.x; if (i<n) y[i] = a*x[i]+y[i]; }
extern "C" __global__ void block_sum(float *out, const float *x, int n) {
  __shared__ float s[256]; int t=threadIdx.x; float v=0; for (int i=t+blockIdx.x*blockDim.x;i<n;i+=blockDim.x*gridDim.x) v+=x[i];
  s[t]=v; __syncthreads(); for (int k=128;k>0;k/=2){ if (t<k) s[t]+=s[t+k]; __syncthreads(); } if(t==0) atomicAdd(out,s[0]); }
extern "C" __global__ void warp_max(int *out,const int*x,int n){ int v=-2147483648; for(int i=threadIdx.x;i<n;i+=32) v=max(v,x[i]); for(int k=16;k;k/=2) v=max(v,__shfl_xor_sync(~0u,v,k)); if(threadIdx.x==0)*out=v;}
extern "C" __global__ void halves(__half*o,const __half*a,__nv_bfloat16*p,const __nv_bfloat16*q,int n){int i=threadIdx.x; if(i<n){o[i]=__hfma(a[i],a[i],a[i]); p[i]=__float2bfloat16(__bfloat162float(q[i])*3.f);} }
extern "C" __global__ void mix(double*o,const long long*a,const double*b,int n){int i=threadIdx.x; if(i<n){ o[i]=sqrt(b[i])/ (double)(a[i]%7+8) + floor(b[i])*(a[i]/3) + (double)__popcll(a[i]) + (a[i]>5?1.5:fabs(b[i])); } }
extern "C" __global__ void tile(float*c,const float*a,const float*b,int n){ __shared__ float s[16][17],t[16][17]; int x=threadIdx.x,y=threadIdx.y,r=blockIdx.y*16+y,q=blockIdx.x*16+x; float v=0; for(int k=0;k<n;k+=16){ s[y][x]=(r<n&&k+x<n)?a[r*n+k+x]:0; t[y][x]=(q<n&&k+y<n)?b[(k+y)*n+q]:0; __syncthreads(); for(int j=0;j<16;j++) v+=s[y][j]*t[j][x]; __syncthreads(); } if(r<n&&q<n)c[r*n+q]=v; }
extern "C" __global__ void fn(float*o,const float*x,int n){int i=threadIdx.x; if(i<n) o[i]=expf(x[i])+tanhf(x[i])+logf(fabsf(x[i])+1)+erff(x[i]);}
